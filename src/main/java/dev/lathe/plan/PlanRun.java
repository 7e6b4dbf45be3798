package dev.lathe.plan;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.chat.ToolChoice;
import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One request to a {@link Planner}. Run once, by one thread; {@link #cancel} may come from any. */
public final class PlanRun {
    private final Planner planner;
    private final String request;
    private final Cancellation cancellation = new Cancellation();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final List<List<Step>> plans = new ArrayList<>();
    private final List<StepResult> results = new ArrayList<>();

    PlanRun(Planner planner, String request) {
        this.planner = planner;
        this.request = request;
    }

    /** Plans and does the steps; see {@link #run(Consumer)}. */
    public PlanResult run() {
        return run(result -> {});
    }

    /**
     * Plans and does the steps.
     *
     * @param listener told of each step when it is done or failed, on this thread
     * @throws IllegalStateException if it was run before
     */
    public PlanResult run(Consumer<StepResult> listener) {
        if (begun.getAndSet(true)) {
            throw new IllegalStateException("this request was run already: make another with planner.request");
        }
        List<ChatMessage> conversation = new ArrayList<>(List.of(planner.instructions(), ChatMessage.user(request)));
        while (!cancellation.isCancelled()) {
            Reply answer = planner.model()
                    .reply(
                            List.copyOf(conversation),
                            ChatOptions.DEFAULT,
                            Optional.of(planner.constraint()),
                            cancellation);
            if (cancellation.isCancelled()) {
                return result(PlanResult.End.CANCELLED);
            }
            Optional<List<Step>> steps = planner.steps(answer.text());
            if (steps.isEmpty()) {
                return result(PlanResult.End.UNPLANNED);
            }
            plans.add(steps.get());
            boolean isDone = doAll(steps.get(), listener);
            if (cancellation.isCancelled()) {
                return result(PlanResult.End.CANCELLED);
            } else if (isDone) {
                return result(PlanResult.End.DONE);
            } else if (plans.size() > planner.replans()) {
                return result(PlanResult.End.FAILED);
            }
            conversation.add(ChatMessage.assistant(answer.text()));
            conversation.add(ChatMessage.user(report() + "Plan the steps that remain, in the same form."));
        }
        return result(PlanResult.End.CANCELLED);
    }

    /**
     * Asks for the end: what is being written ends as soon as the pass under way is done, a tool's call is waited for.
     */
    public void cancel() {
        cancellation.cancel();
    }

    private PlanResult result(PlanResult.End end) {
        return new PlanResult(end, plans, results);
    }

    /** Whether all steps are done: none failed, and none was left out because it is cancelled. */
    private boolean doAll(List<Step> steps, Consumer<StepResult> listener) {
        for (Step step : steps) {
            Optional<StepResult> result = cancellation.isCancelled() ? Optional.empty() : act(step);
            if (result.isEmpty()) {
                return false;
            }
            results.add(result.get());
            listener.accept(result.get());
            if (result.get() instanceof StepResult.Failed) {
                return false;
            }
        }
        return true;
    }

    /** Does a step; empty if it is cancelled meanwhile. */
    private Optional<StepResult> act(Step step) {
        Actor actor = planner.actor(step.actor()).orElseThrow();
        ChatOptions options = actor.actions().isEmpty()
                ? ChatOptions.DEFAULT
                : ChatOptions.DEFAULT
                        .tools(actor.actions().stream().map(Action::tool).toList())
                        .choice(ToolChoice.required())
                        .severalCalls(false);
        ChatMessage task = ChatMessage.user(report() + "Do this task: " + step.task());
        Reply reply = actor.model().reply(List.of(task), options, Optional.empty(), cancellation);
        if (cancellation.isCancelled()) {
            return Optional.empty();
        }
        if (actor.actions().isEmpty()) {
            return Optional.of(new StepResult.Done(step, List.of(), reply.text()));
        }
        if (reply.calls().isEmpty()) {
            return Optional.of(new StepResult.Failed(
                    step, List.of(), "no call was written to its end: the actor's maximum of tokens is too small"));
        }
        return call(step, actor, reply.calls());
    }

    private Optional<StepResult> call(Step step, Actor actor, List<ToolCall> calls) {
        List<ToolCall> made = new ArrayList<>();
        List<String> outcomes = new ArrayList<>();
        for (ToolCall call : calls) {
            if (cancellation.isCancelled()) {
                return Optional.empty();
            }
            made.add(call);
            try {
                outcomes.add(function(actor, call.name()).call(call.arguments()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                cancellation.cancel();
                return Optional.empty();
            } catch (Exception e) { // whatever a tool throws is what the step came to
                String reason = e.getMessage() == null ? e.toString() : e.getMessage();
                return Optional.of(new StepResult.Failed(step, made, reason));
            }
        }
        return Optional.of(new StepResult.Done(step, made, String.join("\n", outcomes)));
    }

    private static Action.Function function(Actor actor, String tool) {
        return actor.actions().stream()
                .filter(action -> action.tool().name().equals(tool))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + tool + "\" was called, which is no tool of the actor \"" + actor.name() + "\""))
                .function();
    }

    /** What was done so far, for who goes on. */
    private String report() {
        StringBuilder text = new StringBuilder();
        for (StepResult result : results) {
            text.append(result instanceof StepResult.Done ? "Done: " : "Failed: ")
                    .append(result.step().task())
                    .append("\nResult: ")
                    .append(result.outcome())
                    .append("\n\n");
        }
        return text.toString();
    }
}
