async def require_few_failures(request):
    return None


async def count_failure(request):
    return None
