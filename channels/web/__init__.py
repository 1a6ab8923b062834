"""Web chat: sessions, messages, the stream, files, and the component that shows them."""
