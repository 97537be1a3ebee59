# Weighted DBSCAN of several fits with the R package dbscan; called by bench_engine.py.
# Arguments: folder, number of points, number of fits, radius in metres, least weight.
# Reads xy.bin (doubles, all x and then all y) and weights.bin (integers, fit by fit); writes
# labels.bin (integers, fit by fit, 0 is noise) and prints the seconds spent in dbscan().
suppressMessages(library(dbscan))
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
n_points <- as.integer(given[2])
n_fits <- as.integer(given[3])
eps_m <- as.numeric(given[4])
least <- as.numeric(given[5])
xy <- matrix(readBin(file.path(folder, "xy.bin"), "double", 2 * n_points), ncol = 2)
weights_file <- file(file.path(folder, "weights.bin"), "rb")
labels_file <- file(file.path(folder, "labels.bin"), "wb")
seconds <- 0
for (fit in seq_len(n_fits)) {
  weight <- readBin(weights_file, "integer", n_points, size = 4)
  present <- which(weight > 0)
  label <- integer(n_points)
  if (length(present) > 0) {
    places <- xy[present, , drop = FALSE]
    incidents <- as.numeric(weight[present])
    start <- proc.time()[["elapsed"]]
    found <- dbscan(places, eps = eps_m, minPts = least, weights = incidents)
    seconds <- seconds + proc.time()[["elapsed"]] - start
    label[present] <- found$cluster
  }
  writeBin(label, labels_file, size = 4)
}
close(weights_file)
close(labels_file)
cat(seconds)
