"""The peers: other people's ways to serve the same chat, each as small as its makers teach it."""
