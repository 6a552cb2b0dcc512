"""What Headgate keeps in the project's `.headgate/` folder, and the documents it writes for people."""
