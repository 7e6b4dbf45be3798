/**
 * Linear algebra in float64 for transforms: products shared by threads, Cholesky factors, symmetric eigenvectors, truncated
 * singular value decompositions. Results do not depend on the number of threads. Not exported; eigenvectors of small matrices come
 * from Apache Commons Math.
 */
package dev.lathe.compress.algebra;
