"""What a school arranges: the children's home, activities, the love corner, families (P22–P26)."""
