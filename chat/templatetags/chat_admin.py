"""Links of the admin's pages, for templates."""

from django import template

from chat.admin import links

register = template.Library()

register.simple_tag(links.to, name="admin_link")
register.simple_tag(links.page_of, name="admin_page")
register.simple_tag(links.to_person, name="person_link")
register.simple_tag(links.to_message, name="message_link")
register.simple_tag(links.to_chat, name="chat_link")
