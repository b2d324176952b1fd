"""Setting the portal up: the verbs that add, change and retire people, services, customers and the rota."""
