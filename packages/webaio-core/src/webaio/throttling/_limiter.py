def limiter_of(rates):
    async def limit(request, user):
        return None

    return limit
