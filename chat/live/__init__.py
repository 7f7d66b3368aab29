"""Who is told, and when: the process, its hub and feeds, the layer between processes, the send queues."""
