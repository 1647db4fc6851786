"""Who may do what: permissions, and what is guarded by them."""

from ._base_permission import BasePermission, Permissions
from ._guarded import guarded
from ._known import Anyone, HasScope, IsAuthenticated
from ._permission import ObjectPermission, Permission
from ._setup import setup

__all__ = [
    "Anyone",
    "BasePermission",
    "HasScope",
    "IsAuthenticated",
    "ObjectPermission",
    "Permission",
    "Permissions",
    "guarded",
    "setup",
]
