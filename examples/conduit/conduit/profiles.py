from typing import Any

from sqlalchemy import delete
from webaio.authentication import CurrentUser
from webaio.decorators import action
from webaio.permissions import Anyone, IsAuthenticated

from .models import ProfileOut
from .security import Me
from .statements import PROFILES
from .tables import Follow, User
from .viewsets import ConduitViewSet


class ProfileViewSet(ConduitViewSet):
    """Users as others see them, and who follows whom."""

    lookup_url_kwarg = "username"
    permissions = {"detail": Anyone(), "*": IsAuthenticated()}

    async def get_object(self, username: str) -> Any:
        rows = await self.read(PROFILES.where(User.username == username))
        return rows[0] if rows else None

    async def detail(self) -> ProfileOut:
        """Show a user."""
        return ProfileOut(self.object.profile)

    @action(detail=True, method="post")
    async def follow(self, username: str, me: CurrentUser[Me]) -> ProfileOut:
        """Follow a user."""
        await self.add(Follow(follower_id=me.id, followed_id=self.object.id))
        return await self.read_again(username)

    @action(detail=True, method="delete", url_path="follow")
    async def unfollow(self, username: str, me: CurrentUser[Me]) -> ProfileOut:
        """Follow a user no more."""
        mine = (Follow.follower_id == me.id, Follow.followed_id == self.object.id)
        await self.session.execute(delete(Follow).where(*mine))
        return await self.read_again(username)

    async def read_again(self, username: str) -> ProfileOut:
        self.object = await self.get_object(username)
        return await self.detail()
