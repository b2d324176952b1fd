"""Commanding the response from a chat: what people type, and what they are told."""
