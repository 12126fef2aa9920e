"""A believable compound, for a first look and for work on the pages."""
