"""The staff's half of the dialog: a case's life, routing, deadlines in Chinese working time."""
