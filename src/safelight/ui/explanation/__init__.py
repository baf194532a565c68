"""Why a photo matched: the view, its card in the viewer, and the heat map."""
