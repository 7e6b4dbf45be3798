package dev.lathe.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.chat.ToolChoice;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Planners and actors whose models are scripts. */
class PlannerTest {
    private static final String NUMBERS = """
            {"type": "object", "required": ["a", "b"], "properties": {
                "a": {"type": "integer"}, "b": {"type": "integer"}}}""";

    /** Says one line after the other, and keeps what it was told. */
    private static final class Script implements Replier {
        final List<List<ChatMessage>> told = new ArrayList<>();
        final List<ToolChoice.Mode> choices = new ArrayList<>();
        final List<Boolean> constrained = new ArrayList<>();
        private final List<Reply> replies = new ArrayList<>();

        Script says(String text) {
            replies.add(new Reply(text, "", List.of()));
            return this;
        }

        Script calls(String tool, String arguments) {
            replies.add(new Reply("", "", List.of(ToolCall.of("id", tool, arguments))));
            return this;
        }

        @Override
        public Reply reply(
                List<ChatMessage> messages,
                dev.lathe.chat.ChatOptions options,
                java.util.Optional<dev.lathe.decode.constraint.Constraint> constraint,
                Cancellation cancellation) {
            told.add(messages);
            choices.add(options.choice().mode());
            constrained.add(constraint.isPresent());
            return replies.get(told.size() - 1);
        }
    }

    private static Action adding() {
        return Action.of(
                "add",
                "Adds.",
                NUMBERS,
                arguments -> String.valueOf(arguments.longValue("a") + arguments.longValue("b")));
    }

    private static Action dividing() {
        return Action.of(
                "divide",
                "Divides.",
                NUMBERS,
                arguments -> String.valueOf(arguments.longValue("a") / arguments.longValue("b")));
    }

    private static String plan(String... steps) {
        StringBuilder plan = new StringBuilder("{\"steps\": [");
        for (int i = 0; i < steps.length; i += 2) {
            plan.append(i == 0 ? "" : ", ")
                    .append("{\"actor\": \"%s\", \"task\": \"%s\"}".formatted(steps[i], steps[i + 1]));
        }
        return plan.append("]}").toString();
    }

    @Test
    void stepsAreDoneInOrderAndToldOfThoseBefore() {
        Script planning = new Script().says(plan("math", "add 2 and 3", "writer", "say it"));
        Script counting = new Script().calls("add", "{\"a\": 2, \"b\": 3}");
        Script writing = new Script().says("It is five.");
        Planner planner = Planner.of(
                planning, Actor.of("math", "Counts.", counting, adding()), Actor.of("writer", "Writes.", writing));
        List<StepResult> heard = new ArrayList<>();
        PlanResult result = planner.request("What is 2 + 3?").run(heard::add);
        assertEquals(PlanResult.End.DONE, result.end());
        assertEquals("It is five.", result.outcome());
        assertEquals(
                List.of(new Step("math", "add 2 and 3"), new Step("writer", "say it")),
                result.plans().getFirst());
        assertEquals(result.steps(), heard);
        assertEquals("5", heard.getFirst().outcome());
        assertEquals("add", heard.getFirst().calls().getFirst().name());
        assertEquals(List.of(ToolChoice.Mode.REQUIRED), counting.choices);
        assertEquals(List.of(ToolChoice.Mode.AUTO), writing.choices);
        assertEquals(List.of(true), planning.constrained);
        String told = writing.told.getFirst().getFirst().content();
        assertTrue(told.contains("Done: add 2 and 3\nResult: 5\n") && told.endsWith("Do this task: say it"), told);
        String instructions = planning.told.getFirst().getFirst().content();
        assertTrue(instructions.contains("- math: Counts.\n- writer: Writes.\n"), instructions);
    }

    @Test
    void plansAreConstrainedToStepsOfActorsThatAreThere() {
        Planner planner = Planner.of(new Script(), Actor.of("math", "", new Script()), Actor.of("w", "", new Script()))
                .mostSteps(2);
        Grammar grammar = (Grammar) planner.constraint();
        assertTrue(grammar.accepts(plan("math", "add", "w", "x")));
        assertFalse(grammar.accepts(plan("cook", "add")));
        assertFalse(grammar.accepts(plan("math", "")));
        assertFalse(grammar.accepts(plan("math", "a", "w", "b", "w", "c")));
        assertFalse(grammar.accepts("{\"steps\": []}"));
    }

    @Test
    void aFailureEndsTheRequestAndSaysWhy() {
        Script counting = new Script().calls("divide", "{\"a\": 1, \"b\": 0}");
        Planner planner = Planner.of(
                new Script().says(plan("math", "divide", "math", "never")),
                Actor.of("math", "Counts.", counting, adding(), dividing()));
        PlanResult result = planner.request("1 / 0?").run();
        assertEquals(PlanResult.End.FAILED, result.end());
        assertEquals(1, result.steps().size());
        assertTrue(result.steps().getFirst() instanceof StepResult.Failed);
        assertEquals("/ by zero", result.outcome());
        assertEquals("divide", result.steps().getFirst().calls().getFirst().name());
    }

    @Test
    void aFailureIsToldToThePlannerWhoPlansWhatRemains() {
        Script planning =
                new Script().says(plan("math", "add", "math", "divide")).says(plan("math", "add again"));
        Script counting = new Script()
                .calls("add", "{\"a\": 1, \"b\": 1}")
                .calls("divide", "{\"a\": 2, \"b\": 0}")
                .calls("add", "{\"a\": 2, \"b\": 2}");
        Planner planner = Planner.of(planning, Actor.of("math", "Counts.", counting, adding(), dividing()))
                .replans(1);
        PlanResult result = planner.request("try").run();
        assertEquals(PlanResult.End.DONE, result.end());
        assertEquals(2, result.plans().size());
        assertEquals(
                List.of("2", "/ by zero", "4"),
                result.steps().stream().map(StepResult::outcome).toList());
        List<ChatMessage> second = planning.told.get(1);
        assertEquals(planning.replies.getFirst().text(), second.get(2).content());
        assertTrue(
                second.get(3).content().contains("Failed: divide\nResult: / by zero"),
                second.get(3).content());
    }

    @Test
    void answersThatWereCutOffAreToldAsSuch() {
        Planner unplanned = Planner.of(new Script().says("{\"steps\": [{\"act"), Actor.of("a", "", new Script()));
        assertEquals(PlanResult.End.UNPLANNED, unplanned.request("x").run().end());
        for (String noPlan : List.of("[]", "{}", "{\"steps\": [1]}", plan("nobody", "b"), "Sorry")) {
            Planner other = Planner.of(new Script().says(noPlan), Actor.of("a", "", new Script()));
            assertEquals(PlanResult.End.UNPLANNED, other.request("x").run().end());
        }
        Planner uncalled =
                Planner.of(new Script().says(plan("a", "b")), Actor.of("a", "", new Script().says(""), adding()));
        PlanResult result = uncalled.request("x").run();
        assertEquals(PlanResult.End.FAILED, result.end());
        assertTrue(result.outcome().contains("maximum of tokens"), result.outcome());
    }

    @Test
    void cancellingEndsTheStepUnderWayAndBeginsNoOther() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        Replier slow = (messages, options, constraint, cancellation) -> {
            CountDownLatch ended = new CountDownLatch(1);
            try (var _ = cancellation.onCancel(ended::countDown)) {
                writing.countDown();
                ended.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return new Reply("half", "", List.of());
        };
        Script never = new Script();
        Planner planner = Planner.of(
                new Script().says(plan("quick", "a", "slow", "b", "never", "c")),
                Actor.of("quick", "", new Script().says("done")),
                Actor.of("slow", "", slow),
                Actor.of("never", "", never));
        PlanRun run = planner.request("x");
        Thread other = Thread.ofVirtual().start(() -> {
            try {
                writing.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            run.cancel();
        });
        PlanResult result = run.run();
        other.join();
        assertEquals(PlanResult.End.CANCELLED, result.end());
        assertEquals(
                List.of("done"),
                result.steps().stream().map(StepResult::outcome).toList());
        assertEquals(List.of(), never.told);
        assertThrows(IllegalStateException.class, run::run);
        PlanRun before = planner.request("x");
        before.cancel();
        assertEquals(PlanResult.End.CANCELLED, before.run().end());
    }

    @Test
    void anInterruptedToolCancels() {
        Action sleeping = Action.of("sleep", "", "{}", arguments -> {
            throw new InterruptedException();
        });
        Planner planner = Planner.of(
                new Script().says(plan("a", "b")), Actor.of("a", "", new Script().calls("sleep", "{}"), sleeping));
        assertEquals(PlanResult.End.CANCELLED, planner.request("x").run().end());
        assertTrue(Thread.interrupted());
    }

    @Test
    void plannersWithoutActorsOrWithTwoOfANameAreRefused() {
        Actor actor = Actor.of("a", "", new Script());
        assertThrows(IllegalArgumentException.class, () -> Planner.of(new Script()));
        assertThrows(IllegalArgumentException.class, () -> Planner.of(new Script(), actor, actor));
        assertThrows(IllegalArgumentException.class, () -> Actor.of("no spaces", "", new Script()));
        assertThrows(
                IllegalArgumentException.class,
                () -> Planner.of(new Script(), actor).mostSteps(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> Planner.of(new Script(), actor).replans(-1));
    }
}
