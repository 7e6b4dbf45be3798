package dev.lathe.decode;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The beginnings that texts of one model have in common, with their keys and values: finds the longest beginning of a
 * prompt that any text has evaluated. What it finds shares pages with the tree, so a hit copies nothing.
 *
 * <p>A radix tree over tokens. An edge holds the pages after those of its parent; a page that two texts evaluated each
 * for itself is held once, as both have the same bits. Pages are bounded by bytes: of the leaves, the one whose use is
 * the longest ago is dropped first, and then its parent is a leaf. Zheng et al., "SGLang: Efficient Execution of
 * Structured Language Model Programs", 2023, arXiv 2312.07104, section 3.
 *
 * <p>Thread-safe.
 */
public final class PrefixTree {
    /** A shorter beginning is evaluated about as fast as it is found. */
    public static final int LEAST_TOKENS = 16;

    private final long limit;
    private final Map<CacheType, Node> roots = new EnumMap<>(CacheType.class);
    private long clock;
    private long byteCount;
    private int leaves;
    private long lookups;
    private long hits;
    private long hitTokens;
    private long evictions;

    /**
     * An empty tree.
     *
     * @param limit the most bytes of keys and values; 0 for a tree that remembers nothing
     */
    public PrefixTree(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("a prefix tree of " + limit + " bytes: expected at least 0");
        }
        this.limit = limit;
    }

    /** Tokens {@code [start, end)} of a text after those of the parent. */
    private static final class Node {
        private Node parent; // null for a root
        private final int[] text; // at least `end` tokens, from the text's first on
        private final int start;
        private final int end;
        private final Map<Integer, Node> children = new HashMap<>(); // by their first token
        private Snapshot snapshot; // of the text up to `end`, in leaves alone
        private long lastUse;
        private long byteCount;

        Node(Node parent, int[] text, int start, int end) {
            this.parent = parent;
            this.text = text;
            this.start = start;
            this.end = end;
        }

        /** How many tokens of a prompt, from {@code start} on, are those of this edge. */
        int match(int[] prompt, int length) {
            int most = Math.min(end, length);
            int mismatch = Arrays.mismatch(text, start, most, prompt, start, most);
            return mismatch < 0 ? most - start : mismatch;
        }

        /** Keys and values that begin with those up to this node's end. */
        Snapshot anySnapshot() {
            Node node = this;
            while (node.snapshot == null) {
                node = node.children.values().iterator().next();
            }
            return node.snapshot;
        }
    }

    /** Where a walk along a prompt ended: in a node, which may be left in the midst of its edge. */
    private record Place(Node node, int length) {}

    /** Whether it may ever find anything. */
    public boolean isEnabled() {
        return limit > 0;
    }

    /**
     * The longest beginning of a prompt that was evaluated, short of the prompt's last token, whose logits are wanted.
     *
     * @param atLeast a shorter one is not wanted
     * @return keys and values of it, or empty
     */
    public Optional<Snapshot> find(CacheType type, int[] prompt, int atLeast) {
        Objects.requireNonNull(type, "type");
        if (!isEnabled()) {
            return Optional.empty();
        }
        synchronized (this) {
            lookups++;
            Node root = roots.get(type);
            Place place = root == null ? null : walk(root, prompt, prompt.length - 1);
            if (place == null || place.length < Math.max(LEAST_TOKENS, atLeast)) {
                return Optional.empty();
            }
            hits++;
            hitTokens += place.length;
            Node used = place.length < place.node.end ? split(place.node, place.length) : place.node;
            touch(used);
            return Optional.of(used.anySnapshot().first(place.length));
        }
    }

    /**
     * Remembers a text, or as much of its beginning as the tree may hold at all.
     *
     * @param tokens as many as the snapshot holds
     */
    public void remember(CacheType type, int[] tokens, Snapshot snapshot) {
        if (snapshot.length() != tokens.length) {
            throw new IllegalArgumentException(
                    "a snapshot of " + snapshot.length() + " positions does not hold " + tokens.length + " tokens");
        }
        if (!isEnabled()) {
            return;
        }
        Snapshot kept = cut(snapshot);
        if (kept.length() >= LEAST_TOKENS) {
            synchronized (this) {
                insert(type, tokens.clone(), kept);
                evict();
            }
        }
    }

    private Snapshot cut(Snapshot snapshot) {
        Snapshot cut = snapshot;
        while (cut.byteCount() > limit && cut.length() > 0) {
            long fitting = (long) ((double) cut.length() * limit / cut.byteCount());
            cut = cut.first((int) Math.min(fitting, cut.length() - 1));
        }
        return cut;
    }

    private void insert(CacheType type, int[] tokens, Snapshot snapshot) {
        Node root = roots.computeIfAbsent(type, any -> new Node(null, new int[0], 0, 0));
        Place place = walk(root, tokens, snapshot.length());
        if (place.length == snapshot.length()) {
            touch(place.length < place.node.end ? split(place.node, place.length) : place.node);
            return;
        }
        Node parent = place.length < place.node.end ? split(place.node, place.length) : place.node;
        Node leaf = new Node(parent, tokens, place.length, snapshot.length());
        leaf.snapshot = parent == root ? snapshot : snapshot.sharing(parent.anySnapshot(), place.length);
        if (parent.snapshot != null) {
            parent.snapshot = null;
            leaves--;
        }
        parent.children.put(tokens[place.length], leaf);
        leaves++;
        count(parent);
        count(leaf);
        touch(leaf);
    }

    private static Place walk(Node root, int[] tokens, int length) {
        Node node = root;
        int at = 0;
        while (at < length) {
            Node child = node.children.get(tokens[at]);
            if (child == null) {
                break;
            }
            int matched = child.match(tokens, length);
            at += matched;
            node = child;
            if (at < child.end) {
                break;
            }
        }
        return new Place(node, at);
    }

    /** Cuts an edge in two; returns the first half. */
    private Node split(Node node, int at) {
        Node first = new Node(node.parent, node.text, node.start, at);
        Node second = new Node(first, node.text, at, node.end);
        second.snapshot = node.snapshot;
        second.children.putAll(node.children);
        second.lastUse = node.lastUse;
        first.lastUse = node.lastUse;
        first.children.put(node.text[at], second);
        node.parent.children.put(node.text[node.start], first);
        second.children.values().forEach(child -> child.parent = second);
        byteCount -= node.byteCount;
        count(first);
        count(second);
        return first;
    }

    private void touch(Node node) {
        clock++;
        for (Node at = node; at.parent != null; at = at.parent) {
            at.lastUse = clock;
        }
    }

    /** An edge has the pages from that of its first position on; the one of its end is the children's. */
    private void count(Node node) {
        if (node.parent == null) {
            return;
        }
        Snapshot any = node.anySnapshot();
        byteCount -= node.byteCount;
        node.byteCount = any.byteCount(node.start) - (node.snapshot == null ? any.byteCount(node.end) : 0);
        byteCount += node.byteCount;
    }

    private void evict() {
        while (byteCount > limit) {
            Node leaf = leastRecentLeaf();
            Node parent = leaf.parent;
            parent.children.remove(leaf.text[leaf.start]);
            byteCount -= leaf.byteCount;
            leaves--;
            evictions++;
            if (parent.parent != null && parent.children.isEmpty()) {
                parent.snapshot = leaf.snapshot.first(parent.end);
                leaves++;
            }
            count(parent);
        }
    }

    private Node leastRecentLeaf() {
        Node best = null;
        for (Node leaf : leaves()) {
            if (best == null || leaf.lastUse < best.lastUse) {
                best = leaf;
            }
        }
        return best;
    }

    private List<Node> leaves() {
        List<Node> found = new ArrayList<>();
        Deque<Node> open = new ArrayDeque<>(roots.values());
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node.snapshot != null) {
                found.add(node);
            }
            open.addAll(node.children.values());
        }
        return found;
    }

    /** The texts remembered, each from its first position on. */
    synchronized List<Snapshot> snapshots() {
        return leaves().stream().map(leaf -> leaf.snapshot).toList();
    }

    /** What it holds, and how often it was of use. */
    public synchronized PrefixStatistics statistics() {
        return new PrefixStatistics(leaves, byteCount, limit, lookups, hits, hitTokens, evictions);
    }

    /** Forgets all texts. */
    public synchronized void clear() {
        roots.clear();
        byteCount = 0;
        leaves = 0;
    }
}
