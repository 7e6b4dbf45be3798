package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.PlanStatistics;
import dev.lathe.decode.sampling.Logits;
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
 * Drafts as much as pays on this machine, now: a chain of the likeliest tokens, each by the draft that promises most
 * there, and beside it the next likeliest ones where rows are cheap.
 *
 * <p>With the rate of tokens that was reached of late, time is worth tokens. So a token is drafted if the tokens that
 * it and its likely successors add are worth more than the time of drafting and verifying them; and of what was
 * drafted, the part is verified that is worth most above its time. All comes from measurements: times of passes by
 * their rows, times of drafts, and how often such tokens were accepted.
 *
 * <p>Timing decides what is drafted, so verification must not depend on it: by match with the sampler alone.
 */
final class PlannedGrower implements TreeGrower {
    private static final int MOST_LEVELS = 12;
    private static final double MOST_TRIAL_PASSES = 2;

    /** A token after a node of the chain: who proposed it, at which rank, and how probably the text gets there. */
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

    // of the step under way
    private final boolean[] asked; // [draft]
    private final int[] missing; // [draft] rows that asking it after the chain's end would evaluate
    private final List<Proposal> proposals = new ArrayList<>(); // [node of the tree]
    private final List<Proposal> answers =
            new ArrayList<>(); // after nodes of the chain, whether they were drafted or not
    private final List<Integer> chainTokens = new ArrayList<>(); // of the root, and what was drafted in a row after it
    private double rate;
    private double draftNanos; // as far as known before
    private boolean onTrial;
    private Optional<PlanStatistics> lastPlan = Optional.empty(); // when the memory was given back

    PlannedGrower(
            DecodingContext context,
            List<Draft> drafts,
            int mostLevels,
            int width,
            PlannerMemory memory,
            Consumer<PlannerMemory> onClose) {
        this.context = context;
        this.drafts = drafts;
        this.runs = drafts.stream().map(context::follow).toList();
        this.mostLevels = Math.min(mostLevels, MOST_LEVELS);
        this.width = width;
        this.memory = memory;
        this.onClose = onClose;
        this.drafted = new long[runs.size()];
        this.accepted = new long[runs.size()];
        this.asked = new boolean[runs.size()];
        this.missing = new int[runs.size()];
    }

    @Override
    public DraftTree grow(DraftTree tree, int levels, int rows) {
        Arrays.fill(asked, false);
        answers.clear();
        chainTokens.clear();
        chainTokens.add(tree.token(0));
        proposals.clear();
        proposals.add(Proposal.ROOT);
        rate = memory.rate();
        draftNanos = 0;
        int most = Math.min(rows, PlannerMemory.MOST_ROWS);
        int deepest = Math.min(Math.min(levels, mostLevels), most - 1);
        Optional<Trials.Trial> trial = deepest > 0 ? memory.trials.next() : Optional.empty();
        onTrial = trial.isPresent();
        if (onTrial) {
            tryOut(tree, trial.get().draft(), Math.min(trial.get().length(), deepest));
            return tree;
        }
        return memory.target.isKnown() ? plan(tree, deepest, most) : tree;
    }

    /** Drafts a chain of this length, or a shorter one if that takes as long as several passes of the model. */
    private void tryOut(DraftTree tree, int draft, int length) {
        long end = context.nanoTime() + (long) (MOST_TRIAL_PASSES * memory.target.at(1));
        boolean goesOn = length > 0;
        while (goesOn) {
            List<Proposal> found = ask(draft, tree);
            found.stream().findFirst().ifPresent(first -> extend(tree, first));
            goesOn = !found.isEmpty() && tree.size() <= length && context.nanoTime() < end;
        }
    }

    private DraftTree plan(DraftTree chain, int deepest, int rows) {
        List<Proposal> others = new ArrayList<>();
        List<Proposal> found = propose(chain, deepest);
        while (!found.isEmpty()) {
            extend(chain, found.getFirst());
            others.addAll(found.subList(1, found.size()));
            found = propose(chain, deepest);
        }
        return best(chain, others, rows);
    }

    private void extend(DraftTree chain, Proposal next) {
        add(chain, next);
        chainTokens.add(next.token());
    }

    private void add(DraftTree tree, Proposal proposal) {
        tree.draw(proposal.parent(), proposal.token());
        proposals.add(proposal);
    }

    /** The best proposals after the chain's end; none if no draft's are worth it. */
    private List<Proposal> propose(DraftTree chain, int deepest) {
        List<Proposal> best = List.of();
        double bestWorth = 0;
        int rows = chain.size();
        Arrays.setAll(missing, draft -> runs.get(draft).missingRows(chain, chain.size() - 1));
        for (int draft = 0; draft < runs.size() && rows <= deepest; draft++) {
            PlannerMemory.OfDraft known = memory.drafts.get(draft);
            double likely = proposals.getLast().reach() * known.acceptance.hopefulProbability();
            double gain = worth(likely, rows, deepest) - bestWorth;
            double worth = known.answers() * gain - rate * known.price(missing[draft]);
            List<Proposal> found = worth > 0 ? ask(draft, chain) : List.of();
            double foundWorth = found.isEmpty() ? 0 : worth(found.getFirst().reach(), rows, deepest);
            if (foundWorth > bestWorth) {
                best = found;
                bestWorth = foundWorth;
            }
        }
        return best;
    }

    /**
     * What one row more is worth in tokens, above its time, if the text gets there so probably; with what may follow
     * it.
     */
    private double worth(double reach, int rows, int deepest) {
        double best = 0;
        for (int draft = 0; draft < runs.size(); draft++) {
            PlannerMemory.OfDraft known = memory.drafts.get(draft);
            double probability = known.acceptance.hopefulProbability();
            double likely = reach;
            double tokens = 0;
            double nanos = 0;
            for (int last = rows + 2; last <= deepest + 1; last++) {
                likely *= known.answers() * probability;
                tokens += likely;
                nanos += known.price(last == rows + 2 ? missing[draft] + 1 : 1);
                best = Math.max(best, tokens - rate * (nanos + memory.target.at(last) - memory.target.at(rows + 1)));
            }
        }
        return best + reach - rate * (memory.target.at(rows + 1) - memory.target.at(rows));
    }

    /** What a draft proposes after the chain's end. */
    private List<Proposal> ask(int draft, DraftTree chain) {
        PlannerMemory.OfDraft known = memory.drafts.get(draft);
        int rows = runs.get(draft).missingRows(chain, chain.size() - 1);
        long begin = context.nanoTime();
        FloatMatrix logits = runs.get(draft).predict(chain, chain.size() - 1);
        List<Proposal> found = Logits.nonePossible(logits, 0) ? List.of() : choose(chain, draft, logits);
        known.observe(rows, context.nanoTime() - begin, !found.isEmpty());
        draftNanos += known.nanos(rows);
        answers.addAll(found);
        missing[draft] = 0;
        asked[draft] = true;
        return found;
    }

    /** The sampler's most probable token, then those of the largest logits. */
    private List<Proposal> choose(DraftTree chain, int draft, FloatMatrix logits) {
        AcceptanceTable acceptance = memory.drafts.get(draft).acceptance;
        int node = chain.size() - 1;
        int guess = context.guess(logits, 0, chain.path(node));
        int[] largest = Logits.largest(logits, 0, width + 1);
        List<Proposal> found = new ArrayList<>();
        for (int i = -1; i < largest.length && found.size() < width; i++) {
            int token = i < 0 ? guess : largest[i];
            if (i < 0 || token != guess) {
                int rival = largest[0] != token || largest.length == 1 ? largest[0] : largest[1];
                double gap = Math.abs(logits.get(0, token) - logits.get(0, rival));
                int gapClass = AcceptanceTable.gapClass(largest.length == 1 ? Double.POSITIVE_INFINITY : gap);
                int rank = found.size();
                double reach = proposals.get(node).reach() * acceptance.probability(rank, gapClass);
                found.add(new Proposal(node, token, draft, rank, gapClass, reach));
            }
        }
        return found;
    }

    /** Of the chain and the other proposals beside it, the ones most probably reached, as many as are worth most. */
    private DraftTree best(DraftTree chain, List<Proposal> others, int rows) {
        List<Proposal> byReach = new ArrayList<>(proposals.subList(1, proposals.size()));
        byReach.addAll(others);
        byReach.sort(Comparator.comparingDouble(Proposal::reach).reversed());
        double tokens = 0;
        double bestWorth = -rate * memory.target.at(1);
        int count = 0;
        for (int i = 0; i < Math.min(byReach.size(), rows - 1); i++) {
            tokens += byReach.get(i).reach();
            double worth = tokens - rate * memory.target.at(i + 2);
            if (worth > bestWorth) {
                bestWorth = worth;
                count = i + 1;
            }
        }
        List<Proposal> chosen = byReach.subList(0, count);
        boolean whole = chosen.containsAll(proposals.subList(1, proposals.size()));
        return whole ? with(chosen, chain) : part(chosen, chain);
    }

    /** The whole chain with what is chosen beside it. */
    private DraftTree with(List<Proposal> chosen, DraftTree chain) {
        for (Proposal proposal : chosen) {
            if (!proposals.contains(proposal)) {
                add(chain, proposal);
            }
        }
        return chain;
    }

    /** A tree of what is chosen alone: no node comes before the one it follows. */
    private DraftTree part(List<Proposal> chosen, DraftTree chain) {
        DraftTree part = new DraftTree(chain.token(0));
        int[] places = new int[chain.size()];
        for (Proposal proposal : chosen) {
            int node = part.draw(places[proposal.parent()], proposal.token());
            int chainNode = proposals.indexOf(proposal);
            if (chainNode > 0) {
                places[chainNode] = node;
            }
        }
        proposals.subList(1, proposals.size()).clear();
        proposals.addAll(chosen);
        return part;
    }

    @Override
    public void observe(DraftTree tree, int[] path, long verifyNanos) {
        memory.target.observe(tree.size(), verifyNanos);
        double nanos = draftNanos + memory.target.at(tree.size());
        double pass = Math.max(1, memory.target.at(1));
        memory.trials.observe(onTrial, nanos / pass, path.length / memory.rate() / pass);
        if (!onTrial) {
            memory.observePlanned(path.length, nanos);
            for (int draft = 0; draft < runs.size(); draft++) {
                memory.drafts.get(draft).observeStep(asked[draft]);
            }
        }
        for (int node = 1; node < tree.size(); node++) {
            Proposal proposal = proposals.get(node);
            drafted[proposal.draft()]++;
            accepted[proposal.draft()] += Arrays.binarySearch(path, node) >= 0 ? 1 : 0;
        }
        learn(context.length() - path.length);
    }

    /** Which answers were right, those that were not drafted too, at the places that the text got to. */
    private void learn(int begin) {
        int reached = 0; // the last node of the chain that is followed by a token of the text
        while (begin + reached + 1 < context.length()
                && reached + 1 < chainTokens.size()
                && context.token(begin + reached) == chainTokens.get(reached + 1)) {
            reached++;
        }
        for (Proposal answer : answers) {
            if (answer.parent() <= reached) {
                boolean wasRight = context.token(begin + answer.parent()) == answer.token();
                memory.drafts.get(answer.draft()).acceptance.observe(answer.rank(), answer.gapClass(), wasRight);
            }
        }
    }

    @Override
    public List<Draft.Run> drafts() {
        return runs;
    }

    @Override
    public Optional<PlanStatistics> plan() {
        return lastPlan.isPresent() ? lastPlan : Optional.of(planNow());
    }

    private PlanStatistics planNow() {
        List<Duration> rowTimes = IntStream.rangeClosed(1, 8)
                .mapToObj(rows -> Duration.ofNanos((long) memory.target.at(rows)))
                .toList();
        List<PlanStatistics.DraftPlan> plans = new ArrayList<>();
        for (int draft = 0; draft < runs.size(); draft++) {
            PlannerMemory.OfDraft known = memory.drafts.get(draft);
            plans.add(new PlanStatistics.DraftPlan(
                    drafts.get(draft).name(),
                    drafted[draft],
                    accepted[draft],
                    Duration.ofNanos((long) known.nanos(1)),
                    isWorthwhile(known)));
        }
        return new PlanStatistics(rowTimes, plans);
    }

    /** Whether some chain by this draft alone is faster than plain decoding. */
    private boolean isWorthwhile(PlannerMemory.OfDraft known) {
        double tokens = 1;
        double nanos = 0;
        double reach = 1;
        for (int rows = 2; rows <= mostLevels + 1; rows++) {
            reach *= known.answers() * known.acceptance.probability();
            tokens += reach;
            nanos += known.nanos(1);
            if (tokens / (nanos + memory.target.at(rows)) > 1 / memory.target.at(1)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        TreeGrower.super.close();
        lastPlan = plan(); // from now on others learn
        onClose.accept(memory);
    }
}
