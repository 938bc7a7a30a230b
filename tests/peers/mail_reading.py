"""Dovecot with a configuration of its own: IMAP, STARTTLS, IMAPS and IDLE on free ports."""

import getpass
import grp
import os
from contextlib import AbstractContextManager

from tests.peers.mail_server import PASSWORD, MailServer
from tests.peers.process import program, serve

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/certificate.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
mail_location = maildir:{root}/mail/%u
first_valid_uid = 1
maildir_very_dirty_syncs = no
mail_max_userip_connections = 50
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {root}/auth-postfix {{
    mode = 0666
  }}
}}
"""

INTROSPECTION = """
introspection_mode = auth
introspection_url = http://127.0.0.1:{introspection}/introspect
username_attribute = email
active_attribute = active
active_value = true
"""

WITHOUT_ROOT = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def dovecot(mail: MailServer) -> AbstractContextManager[None]:
    """Serve the mailboxes until the block ends."""
    path = mail.root / "dovecot.conf"
    path.write_text(_configuration(mail))
    (mail.root / "oauth2.conf").write_text(INTROSPECTION.format(introspection=mail.introspection_port))
    return serve([program("dovecot"), "-F", "-c", str(path)], mail.imap_port, mail.root / "dovecot.out")


def _configuration(mail: MailServer) -> str:
    uid, gid = mail.owner
    text = CONFIGURATION.format(
        root=mail.root, password=PASSWORD, uid=uid, gid=gid, imap=mail.imap_port, imaps=mail.imaps_port
    )
    if os.geteuid() != 0:
        text += WITHOUT_ROOT.format(user=getpass.getuser(), group=grp.getgrgid(os.getegid()).gr_name)
    return text
