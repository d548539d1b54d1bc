"""Features and the feature point cloud (Sec. 3.3)."""
