# Sourced by transcripts: a repository with one commit, and the scripted server for a model.
git init -q repo
printf 'one\ntwo\nthree\nfour\nfive\nsix\n' >repo/count.txt
git -C repo add . && git -C repo commit -q -m 'Count'
mkdir -p ~/.config/git-draft
cat >~/.config/git-draft/config.toml <<EOF
[[bots]]
name = "scripted"
options = { base_url = "$SERVER", model = "scripted" }
EOF
