"""What every page of the desk stands in: the door, the guard, the rail, the list, the words, the live events."""
