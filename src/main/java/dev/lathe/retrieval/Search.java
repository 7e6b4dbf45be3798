package dev.lathe.retrieval;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** One search: takes the products of queries and vectors, block by block, and keeps each query's nearest entries. */
final class Search implements VectorBlocks.Products {
    private final Similarity similarity;
    private final int queries;
    private final double[] querySquares;
    private final EntryFilter filter;
    private final EntryTable table;
    private final VectorBlocks blocks;
    private final NearestKeys[][] nearest = new NearestKeys[VectorBlocks.TOGETHER][]; // by place and query
    private final int most;

    Search(
            Similarity similarity,
            Activations input,
            int count,
            EntryFilter filter,
            EntryTable table,
            VectorBlocks blocks) {
        this.similarity = similarity;
        this.filter = filter;
        this.table = table;
        this.blocks = blocks;
        queries = input.rows();
        most = Math.max(1, Math.min(count, table.size()));
        querySquares = new double[queries];
        for (int query = 0; query < queries; query++) {
            for (float value : input.matrix().row(query)) {
                querySquares[query] += (double) value * value;
            }
        }
    }

    @Override
    public void accept(int place, int firstRow, int rows, FloatMatrix products) {
        if (nearest[place] == null) {
            nearest[place] = heaps();
        }
        for (int query = 0; query < queries; query++) {
            NearestKeys best = nearest[place][query];
            int offset = products.offset(query);
            float threshold = best.threshold();
            for (int row = 0; row < rows; row++) {
                float score = products.data()[offset + row];
                if (similarity == Similarity.EUCLIDEAN) {
                    score = (float) (2.0 * score - blocks.square(firstRow + row) - querySquares[query]);
                }
                if (score >= threshold && offer(best, score, firstRow + row)) {
                    threshold = best.threshold();
                }
            }
        }
    }

    private boolean offer(NearestKeys best, float score, int id) {
        if (!best.wants(score, id) || table.isRemoved(id) || !filter.accepts(id, table.label(id))) {
            return false;
        }
        best.offer(NearestKeys.key(score, id));
        return true;
    }

    private NearestKeys[] heaps() {
        NearestKeys[] heaps = new NearestKeys[queries];
        for (int query = 0; query < queries; query++) {
            heaps[query] = new NearestKeys(most);
        }
        return heaps;
    }

    /** What was found for each query, the nearest first. */
    List<List<Neighbor>> found() {
        NearestKeys[] all = heaps();
        for (NearestKeys[] some : nearest) {
            for (int query = 0; some != null && query < queries; query++) {
                all[query].offerAll(some[query]);
            }
        }
        List<List<Neighbor>> found = new ArrayList<>();
        for (NearestKeys best : all) {
            List<Neighbor> neighbors = new ArrayList<>();
            for (long key : best.descending()) {
                int id = NearestKeys.id(key);
                neighbors.add(new Neighbor(id, NearestKeys.score(key), table.label(id)));
            }
            found.add(neighbors);
        }
        return found;
    }
}
