"""The window's access to the library: reads, the engine, pictures and thumbnails. No widgets."""
