package dev.lathe.compress.prune;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares the blocks to remove out over all matrices. The loss of a matrix is the sum of what its blocks lose as they go, one after
 * the other, each at least as much as the one before; the sum over all matrices is least, for a given cost saved, where each
 * matrix loses the same for the next unit of cost. So the blocks that lose least for their cost are removed, wherever they are.
 *
 * <p>Source: Xu et al. 2024, "LPViT: Low-Power Semi-structured Pruning for Vision Transformers", arXiv 2407.02068; its second
 * order distortion taken from the Gram matrix instead of gradients.
 */
final class BlockAllocation {
    /** So many of a matrix's blocks stay, at least one. */
    private static final double LEAST_KEPT = 0.05;

    private record Block(String matrix, int number, double loss, double cost) {}

    private final List<Block> blocks = new ArrayList<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /**
     * The blocks of a matrix.
     *
     * @param order in which they go, and what each loses
     * @param cost what each costs as long as it is there
     */
    void add(String matrix, BlockOrder order, double cost) {
        counts.put(matrix, order.blocks().length);
        for (int i = 0; i < order.blocks().length; i++) {
            blocks.add(new Block(matrix, order.blocks()[i], order.costs()[i], cost));
        }
    }

    /**
     * Removes blocks until this share of all cost is saved, as nearly from below as whole blocks allow.
     *
     * @return for each matrix the blocks that stay
     */
    Map<String, BitSet> keep(double fraction) {
        Map<String, BitSet> kept = new LinkedHashMap<>();
        counts.forEach((matrix, count) -> {
            BitSet all = new BitSet();
            all.set(0, count);
            kept.put(matrix, all);
        });
        double left = fraction * blocks.stream().mapToDouble(Block::cost).sum();
        List<Block> order = new ArrayList<>(blocks);
        order.sort(Comparator.comparingDouble(block -> block.loss() / block.cost())); // stable: ties by their order
        for (Block block : order) {
            BitSet present = kept.get(block.matrix());
            int least = Math.max(1, (int) Math.ceil(LEAST_KEPT * counts.get(block.matrix())));
            if (block.cost() <= left * (1 + 1e-12) && present.cardinality() > least) {
                present.clear(block.number());
                left -= block.cost();
            }
        }
        return kept;
    }
}
