"""Helpers shared by the tests: databases, a stand-in assistant, running servers, a customer."""
