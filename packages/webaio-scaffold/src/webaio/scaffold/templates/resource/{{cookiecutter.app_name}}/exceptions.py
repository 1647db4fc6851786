from webaio.exceptions import APIException


#% filter replace("Artist", cookiecutter.resource_class)
class ArtistDoesNotExist(APIException):
    #% endfilter
    status_code = 404
    detail = "{{ cookiecutter.resource_sentence }} does not exist"
