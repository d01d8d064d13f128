"""What is long over goes to the history: moved there in chunks, and still found."""
