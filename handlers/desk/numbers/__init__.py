"""The pages of figures: one file a page. Every number leads to exactly the cases that it counts."""
