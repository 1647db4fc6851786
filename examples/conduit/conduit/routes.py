from webaio.routers import SimpleRouter

from .articles import ArticleViewSet
from .comments import CommentViewSet
from .profiles import ProfileViewSet
from .tags import TagViewSet
from .users import MeViewSet, UserViewSet

router = SimpleRouter(prefix="/api", trailing_slash=False)
router.register(UserViewSet, basename="users")
router.register(MeViewSet, basename="user", singleton=True)
router.register(ProfileViewSet, basename="profiles")
router.register(ArticleViewSet, basename="articles")
router.register(CommentViewSet, basename="comments", parent=ArticleViewSet)
router.register(TagViewSet, basename="tags")
