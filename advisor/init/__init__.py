"""Reading a training script without running it, and writing the file that the advisor needs. Standard library only."""
