module flower

go 1.18
