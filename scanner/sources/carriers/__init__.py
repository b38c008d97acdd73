"""Where files keep text: one small, bounded, structure-walking reader for each container. None of them decides."""
