"""3D cinemagraphs from a single photo: the torch side (Li et al., CVPR 2023). Never imports bpy."""

__version__ = "0.1.0"
