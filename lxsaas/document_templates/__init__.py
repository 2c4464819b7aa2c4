"""The templates of a school's Word documents: the product's own, or the school's; one store, one check."""
