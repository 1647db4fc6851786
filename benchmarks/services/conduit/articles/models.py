from django.db import models


class User(models.Model):
    is_authenticated = True
    username = models.CharField(max_length=50, unique=True)
    email = models.CharField(max_length=254, unique=True)
    password = models.CharField(max_length=200)
    bio = models.TextField()
    image = models.CharField(max_length=1000)

    class Meta:
        db_table = "user"


class Follow(models.Model):
    pk = models.CompositePrimaryKey("follower", "followed")
    follower = models.ForeignKey(User, models.CASCADE, related_name="following")
    followed = models.ForeignKey(User, models.CASCADE, related_name="followers")

    class Meta:
        db_table = "follow"


class Article(models.Model):
    slug = models.CharField(max_length=250, unique=True)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=1000)
    body = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    author = models.ForeignKey(User, models.CASCADE, related_name="articles")

    class Meta:
        db_table = "article"


class Tag(models.Model):
    pk = models.CompositePrimaryKey("article", "name")
    article = models.ForeignKey(Article, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=50)

    class Meta:
        db_table = "tag"


class Favorite(models.Model):
    pk = models.CompositePrimaryKey("user", "article")
    user = models.ForeignKey(User, models.CASCADE, related_name="favorites")
    article = models.ForeignKey(Article, models.CASCADE, related_name="favorites")

    class Meta:
        db_table = "favorite"
