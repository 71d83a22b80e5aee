"""Where one can walk and drive: the navigation graph."""
