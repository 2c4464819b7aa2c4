"""The mechanism that registers share: rows people enter, with history, files, lists, forms and export."""
