"""Conversations that collect something step by step: case status, urging, withdrawal, complaints, losses, praise."""
