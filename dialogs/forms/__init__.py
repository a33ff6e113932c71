"""A form from consent to receipt: starting, asking, answering, finishing; and the kinds of question it asks."""
