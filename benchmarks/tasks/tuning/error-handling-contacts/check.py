from pathlib import Path

from checking import expect_error, keep_definitions, keep_unchanged, run_python

from contacts import ContactsError, read_contacts, write_contacts

Path("gaps.txt").write_text("\nAda, 17\n\n\nBob,18\n\n")
assert read_contacts("gaps.txt") == {"Ada": "17", "Bob": "18"}
Path("none.txt").write_text("")
assert read_contacts("none.txt") == {}
Path("broken.txt").write_text("Ada, 5\nBob, 5\nCleo\nDan, 5\n")
assert "3" in str(expect_error(ContactsError, read_contacts, "broken.txt"))
Path("both.txt").write_text("Ada, 5\n\n\nBob\n")
assert "4" in str(expect_error(ContactsError, read_contacts, "both.txt"))
assert read_contacts("friends.txt") == {"Ada": "555 17", "Grace": "555 40"}
write_contacts("new.txt", {"Bob": "2", "Ada": "1"})
assert Path("new.txt").read_text() == "Ada, 1\nBob, 2\n"
assert run_python("phone.py", "friends.txt", "Grace") == "555 40\n"
assert run_python("phone.py", "friends.txt", "Bob") == "unknown\n"
keep_definitions("contacts.py")
keep_definitions("phone.py")
keep_unchanged("friends.txt")
