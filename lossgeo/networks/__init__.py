"""Real networks: their loss over all weights, planes through it, and what such a picture hides.

data        two features, two classes: generated and real
perceptron  a network: loss, gradient and Hessian-vector products
training    the methods of `descent` on all weights, with the path kept
planes      a plane through the weights as a loss of two parameters
directions  which plane to look at
projection  what a plane shows of the whole, and what it hides
spectra     the curvatures at a point, and along a run
symmetry    other weights with the same function
ready       ready-made networks and examples
"""

from lossgeo.networks.data import PLANE_DATA, PlaneData
from lossgeo.networks.directions import (
    Line,
    PathPlane,
    curvature_plane,
    filter_normalised,
    line,
    path_plane,
    plane_of_line,
    random_plane,
    through,
)
from lossgeo.networks.perceptron import ACTIVATIONS, Network, Recipe, Unit
from lossgeo.networks.planes import Plane
from lossgeo.networks.projection import SeenCurvatures, TwoDescents, gradient_share, seen_curvatures, two_descents
from lossgeo.networks.ready import NETWORKS, Pair, edge_of_stability, valley_and_barrier
from lossgeo.networks.spectra import Curvatures, Sharpness, curvatures, hessian, lanczos, sharpness
from lossgeo.networks.symmetry import assignment, copies, flip, match, permute, rescale
from lossgeo.networks.training import Training, train

__all__ = [
    "ACTIVATIONS",
    "NETWORKS",
    "PLANE_DATA",
    "Curvatures",
    "Line",
    "Network",
    "Pair",
    "PathPlane",
    "Plane",
    "PlaneData",
    "Recipe",
    "SeenCurvatures",
    "Sharpness",
    "Training",
    "TwoDescents",
    "Unit",
    "assignment",
    "copies",
    "curvature_plane",
    "curvatures",
    "edge_of_stability",
    "filter_normalised",
    "flip",
    "gradient_share",
    "hessian",
    "lanczos",
    "line",
    "match",
    "path_plane",
    "permute",
    "plane_of_line",
    "random_plane",
    "rescale",
    "seen_curvatures",
    "sharpness",
    "through",
    "train",
    "two_descents",
    "valley_and_barrier",
]
