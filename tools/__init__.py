"""What maintains the project itself and is no part of what is installed."""
