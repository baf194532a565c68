"""What the window knows of the library: its reads, the engine, pictures and thumbnails. No widgets."""
