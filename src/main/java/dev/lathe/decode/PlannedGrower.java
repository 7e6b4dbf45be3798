package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.tensor.FloatMatrix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Drafts as much as pays on this machine, now. A step that takes time t and commits n tokens is worth it while n / t
 * rises: a level is drafted if the tokens it may add are worth, at the present rate of tokens, its own time and that of
 * the rows it adds to the model's pass; and of what was drafted, the part is verified that promises the highest rate.
 * All three come from measurements: times of passes by their rows, times of drafts, and how often such tokens were
 * accepted.
 *
 * <p>Timing decides what is drafted, so verification must not depend on it: by match with the sampler alone.
 */
final class PlannedGrower implements TreeGrower {
    private static final int MOST_LEVELS = 12;
    private static final int PLAIN_STEPS_FIRST = 2;
    private static final int TRIAL_LEVELS = 3;
    private static final int ROW_GROUP = 4;

    private static final int NONE = -1;

    /** Rows of committed text that a draft evaluates with its first level; more are not what a level costs. */
    private static final int CATCHING_UP = 2;

    /** A drafted token: who proposed it, as its how-manieth choice, and how probably the model gets there and agrees. */
    private record Proposal(int parent, int token, int draft, int rank, int gapClass, double reach) {
        static final Proposal ROOT = new Proposal(-1, -1, -1, 0, 0, 1);
    }

    private final DecodingContext context;
    private final List<Draft> drafts;
    private final List<Draft.Run> runs;
    private final int mostLevels;
    private final int width;
    private final PlannerMemory memory;
    private final Consumer<PlannerMemory> onClose;
    private final long[] drafted;
    private final long[] accepted;
    private List<Proposal> proposals = List.of(); // [node of the tree under verification]
    private double draftNanos;
    private final boolean[] asked; // [draft] in this step
    private int plainSteps;
    private int triedDraft = NONE;
    private boolean triesPlain;

    PlannedGrower(
            DecodingContext context,
            List<Draft> drafts,
            int mostLevels,
            int width,
            PlannerMemory memory,
            Consumer<PlannerMemory> onClose) {
        this.context = context;
        this.drafts = drafts;
        this.runs = drafts.stream().map(draft -> draft.start(context)).toList();
        this.mostLevels = Math.min(mostLevels, MOST_LEVELS);
        this.width = width;
        this.memory = memory;
        this.onClose = onClose;
        this.drafted = new long[runs.size()];
        this.accepted = new long[runs.size()];
        this.asked = new boolean[runs.size()];
    }

    @Override
    public DraftTree grow(DraftTree tree, int levels, int rows) {
        long begin = context.nanoTime();
        proposals = new ArrayList<>(List.of(Proposal.ROOT));
        Arrays.fill(asked, false);
        planTrial();
        boolean begins = plainSteps < PLAIN_STEPS_FIRST
                && !memory.drafts.getFirst().levels.isKnown();
        if (memory.target.isKnown() && !begins && !triesPlain) {
            int most = Math.min(rows, PlannerMemory.MOST_ROWS);
            int[] nodes = {0};
            for (int level = 0; level < Math.min(levels, mostLevels) && nodes.length > 0; level++) {
                int before = tree.size();
                add(tree, proposeAfter(tree, nodes), most);
                nodes = tree.nodes(before);
            }
        }
        draftNanos = context.nanoTime() - begin;
        return triedDraft == NONE ? best(tree) : tree;
    }

    /** Whether this step just tries what was not chosen for long: a draft, or none. */
    private void planTrial() {
        triedDraft = NONE;
        for (int draft = runs.size() - 1; draft >= 0; draft--) {
            triedDraft = memory.drafts.get(draft).trials.isDue() ? draft : triedDraft;
        }
        triesPlain = triedDraft == NONE && memory.plainTrials.isDue();
    }

    /** Asks the drafts in turn about the nodes that are worth it and for which no draft before had a good proposal. */
    private List<Proposal> proposeAfter(DraftTree tree, int[] nodes) {
        List<Proposal> found = new ArrayList<>();
        int[] open = nodes;
        for (int draft = 0; draft < runs.size() && open.length > 0; draft++) {
            int[] places = worthwhile(tree, draft, open);
            if (places.length == 0) {
                continue;
            }
            asked[draft] = true;
            long begin = context.nanoTime();
            long rowsBefore = runs.get(draft).rows();
            FloatMatrix logits = runs.get(draft).predict(tree, places);
            List<Integer> left = new ArrayList<>();
            for (int row = 0; row < places.length; row++) {
                List<Proposal> proposed =
                        Logits.nonePossible(logits, row) ? List.of() : choose(tree, places[row], draft, logits, row);
                if (proposed.isEmpty() || aLaterOnePromisesMore(draft, places[row], proposed.getFirst())) {
                    left.add(places[row]);
                } else {
                    found.addAll(proposed);
                }
            }
            if (runs.get(draft).rows() - rowsBefore <= places.length + CATCHING_UP) {
                memory.drafts.get(draft).levels.observe(places.length, context.nanoTime() - begin);
            }
            open = left.stream().mapToInt(Integer::intValue).toArray();
        }
        return found;
    }

    /** Whether another draft is worth its time in place of what a draft before it proposes after a node. */
    private boolean aLaterOnePromisesMore(int draft, int node, Proposal proposal) {
        for (int later = draft + 1; later < runs.size() && triedDraft == NONE; later++) {
            PlannerMemory.OfDraft known = memory.drafts.get(later);
            double tokens = proposals.get(node).reach() * known.acceptance.probability() - proposal.reach();
            if (tokens > memory.rate() * known.levels.at(1)) {
                return true;
            }
        }
        return false;
    }

    /** The nodes after which a token more is worth drafting and verifying. */
    private int[] worthwhile(DraftTree tree, int draft, int[] nodes) {
        if (triedDraft != NONE) {
            return draft == triedDraft && tree.depth(nodes[0]) < TRIAL_LEVELS
                    ? new int[] {nodes[0]} // the most promising one: a chain, whose times say what a level costs
                    : new int[0];
        }
        PlannerMemory.OfDraft known = memory.drafts.get(draft);
        int[] byReach = IntStream.of(nodes)
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer node) -> -proposals.get(node).reach()))
                .mapToInt(Integer::intValue)
                .toArray();
        double next = known.acceptance.probability();
        double rowNanos = memory.target.slope(tree.size(), ROW_GROUP);
        int count = 0;
        while (count < byReach.length) {
            double levelNanos = known.levels.at(count + 1) - (count == 0 ? 0 : known.levels.at(count));
            double tokens = proposals.get(byReach[count]).reach() * next;
            if (tokens <= memory.rate() * (levelNanos + rowNanos)) {
                break;
            }
            count++;
        }
        int[] chosen = Arrays.copyOf(byReach, count);
        Arrays.sort(chosen);
        return chosen;
    }

    /** The sampler's most probable token, then those of the largest logits. */
    private List<Proposal> choose(DraftTree tree, int node, int draft, FloatMatrix logits, int row) {
        AcceptanceTable acceptance = memory.drafts.get(draft).acceptance;
        double reach = proposals.get(node).reach();
        int guess = context.guess(logits, row, tree.path(node));
        int[] largest = Logits.largest(logits, row, width + 1);
        List<Proposal> found = new ArrayList<>();
        for (int i = -1; i < largest.length && found.size() < width; i++) {
            int token = i < 0 ? guess : largest[i];
            if (i < 0 || token != guess) {
                int rival = largest[0] != token || largest.length == 1 ? largest[0] : largest[1];
                double gap = Math.abs(logits.get(row, token) - logits.get(row, rival));
                boolean alone = largest.length == 1;
                int gapClass = AcceptanceTable.gapClass(alone ? Double.POSITIVE_INFINITY : gap);
                int rank = found.size();
                double probability = acceptance.probability(rank, gapClass);
                found.add(new Proposal(node, token, draft, rank, gapClass, reach * probability));
            }
        }
        return found;
    }

    /** Adds the most promising ones, as many as there is room for. */
    private void add(DraftTree tree, List<Proposal> found, int rows) {
        found.sort(Comparator.comparingDouble(Proposal::reach).reversed());
        for (Proposal proposal : found) {
            boolean isNew = tree.size() < rows && tree.child(proposal.parent(), proposal.token()) < 0;
            double nanos = memory.target.slope(tree.size(), ROW_GROUP);
            if (isNew && (proposal.rank() == 0 || proposal.reach() > memory.rate() * nanos)) {
                tree.draw(proposal.parent(), proposal.token());
                proposals.add(proposal);
            }
        }
    }

    /** The part of the tree that promises the most tokens in the time of the step: the nodes most probably reached. */
    private DraftTree best(DraftTree tree) {
        Integer[] byReach = IntStream.range(1, tree.size()).boxed().toArray(Integer[]::new);
        Arrays.sort(
                byReach, Comparator.comparingDouble(node -> -proposals.get(node).reach()));
        double tokens = 1;
        double bestRate = tokens / (draftNanos + memory.target.at(1));
        int count = 0;
        for (int i = 0; i < byReach.length; i++) {
            tokens += proposals.get(byReach[i]).reach();
            double rate = tokens / (draftNanos + memory.target.at(i + 2));
            if (rate > bestRate) {
                bestRate = rate;
                count = i + 1;
            }
        }
        if (count == byReach.length) {
            return tree;
        }
        boolean[] kept = new boolean[tree.size()];
        for (int i = 0; i < count; i++) {
            kept[byReach[i]] = true;
        }
        return part(tree, kept);
    }

    private DraftTree part(DraftTree tree, boolean[] kept) {
        DraftTree part = new DraftTree(tree.token(0));
        List<Proposal> remaining = new ArrayList<>(List.of(Proposal.ROOT));
        int[] places = new int[tree.size()];
        for (int node = 1; node < tree.size(); node++) {
            if (kept[node]) {
                places[node] = part.draw(places[tree.parent(node)], tree.token(node));
                remaining.add(proposals.get(node));
            }
        }
        proposals = remaining;
        return part;
    }

    @Override
    public FloatMatrix verify(InferenceState target, DraftTree tree) {
        return runs.getLast().verify(target, tree);
    }

    @Override
    public void observe(DraftTree tree, int[] path, long verifyNanos) {
        memory.target.observe(tree.size(), verifyNanos);
        memory.observeStep(path.length, draftNanos + verifyNanos);
        for (int node = 1; node < tree.size(); node++) {
            Proposal proposal = proposals.get(node);
            boolean wasAccepted = Arrays.binarySearch(path, node) >= 0;
            drafted[proposal.draft()]++;
            accepted[proposal.draft()] += wasAccepted ? 1 : 0;
            if (Arrays.binarySearch(path, tree.parent(node)) >= 0) {
                memory.drafts
                        .get(proposal.draft())
                        .acceptance
                        .observe(proposal.rank(), proposal.gapClass(), wasAccepted);
            }
        }
        boolean plain = tree.size() == 1;
        plainSteps += plain ? 1 : 0;
        note(memory.plainTrials, plain, triesPlain);
        for (int draft = 0; draft < runs.size(); draft++) {
            note(memory.drafts.get(draft).trials, asked[draft], draft == triedDraft);
        }
    }

    private static void note(TrialClock trials, boolean used, boolean onTrial) {
        if (used) {
            trials.used(onTrial);
        } else {
            trials.idle();
        }
    }

    @Override
    public String draftName() {
        return String.join(", ", drafts.stream().map(Draft::name).toList());
    }

    @Override
    public long passes() {
        return runs.stream().mapToLong(Draft.Run::passes).sum();
    }

    @Override
    public long rows() {
        return runs.stream().mapToLong(Draft.Run::rows).sum();
    }

    @Override
    public Optional<PlanStatistics> plan() {
        List<Duration> rowTimes = IntStream.rangeClosed(1, 8)
                .mapToObj(rows -> Duration.ofNanos((long) memory.target.at(rows)))
                .toList();
        List<PlanStatistics.DraftPlan> plans = new ArrayList<>();
        for (int draft = 0; draft < runs.size(); draft++) {
            PlannerMemory.OfDraft known = memory.drafts.get(draft);
            double nanos = known.levels.at(1) + memory.target.slope(1, ROW_GROUP);
            plans.add(new PlanStatistics.DraftPlan(
                    drafts.get(draft).name(),
                    drafted[draft],
                    accepted[draft],
                    Duration.ofNanos((long) known.levels.at(1)),
                    known.acceptance.probability() > memory.rate() * nanos));
        }
        return Optional.of(new PlanStatistics(rowTimes, plans));
    }

    @Override
    public void close() {
        runs.forEach(Draft.Run::close);
        onClose.accept(memory);
    }
}
