"""Recurrent networks you can see into."""
