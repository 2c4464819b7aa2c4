"""The district's dashboards; reads published indicator tables only."""
