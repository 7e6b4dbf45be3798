package dev.lathe.plan;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One model breaks a request into steps, and actors do them one after the other, each told what came of those before.
 * The plan is constrained to a list of steps by actors that are there, a step's calls to its actor's tools and their
 * schemas: what comes back from a model can always be run. Immutable; each method named after a component returns a
 * changed one.
 *
 * <p>Chen et al., "Octo-planner: On-device Language Model for Planner-Action Agents", 2024, arXiv 2406.18082, section
 * 3: a planner and an action model instead of one model for both.
 *
 * @param model plans
 * @param actors do the steps, at least one, with different names
 * @param mostSteps of one plan
 * @param replans how often a failure is told to the planner, who plans what remains
 */
public record Planner(Replier model, List<Actor> actors, int mostSteps, int replans) {
    private static final int MOST_STEPS = 100;
    private static final int TASK_CHARACTERS = 200;

    /** Checks each component and copies the list. */
    public Planner {
        Objects.requireNonNull(model, "model");
        actors = List.copyOf(actors);
        Set<String> names = new HashSet<>();
        for (Actor actor : actors) {
            if (!names.add(actor.name())) {
                throw new IllegalArgumentException("two actors are named \"" + actor.name() + "\"");
            }
        }
        if (actors.isEmpty()) {
            throw new IllegalArgumentException("a planner without actors: expected at least one, who does the steps");
        }
        if (mostSteps < 1 || mostSteps > MOST_STEPS) {
            throw new IllegalArgumentException("plans of at most " + mostSteps + " steps: expected 1 to " + MOST_STEPS);
        }
        if (replans < 0) {
            throw new IllegalArgumentException(replans + " further plans after failures: expected 0 or more");
        }
    }

    /** A planner of up to five steps, whose first failure ends the request. */
    public static Planner of(Replier model, Actor... actors) {
        return new Planner(model, List.of(actors), 5, 0);
    }

    /** With at most so many steps in a plan. */
    public Planner mostSteps(int value) {
        return new Planner(model, actors, value, replans);
    }

    /** With so many further plans after failures. */
    public Planner replans(int value) {
        return new Planner(model, actors, mostSteps, value);
    }

    /** A request, to be run once. */
    public PlanRun request(String text) {
        return new PlanRun(this, Objects.requireNonNull(text, "text"));
    }

    Optional<Actor> actor(String name) {
        return actors.stream().filter(actor -> actor.name().equals(name)).findFirst();
    }

    /** What the planner is told before the request. */
    ChatMessage instructions() {
        StringBuilder text = new StringBuilder("Break the user's request into steps. Each step is a task for one actor,"
                + " who sees the task and the results of the steps before. The actors are:\n");
        for (Actor actor : actors) {
            text.append("- ")
                    .append(actor.name())
                    .append(": ")
                    .append(actor.description())
                    .append('\n');
        }
        text.append("Reply with nothing but a JSON object. Its member \"steps\" is an array of at most ")
                .append(mostSteps)
                .append(
                        " objects, each with \"actor\", one of the names above, and \"task\", what this actor shall do with"
                                + " the request, in a few words.");
        return ChatMessage.system(text.toString());
    }

    /** Plans alone. */
    Constraint constraint() {
        JsonValue names = JsonValue.of(actors.stream().map(Actor::name).toList());
        JsonValue task = JsonValue.of(Map.of("type", "string", "minLength", 1, "maxLength", TASK_CHARACTERS));
        return Constraint.jsonSchema("""
                {"type": "object", "required": ["steps"], "properties": {"steps": {
                    "type": "array", "minItems": 1, "maxItems": %d, "items": {
                        "type": "object", "required": ["actor", "task"], "additionalProperties": false,
                        "properties": {"actor": {"enum": %s}, "task": %s}}}}, "additionalProperties": false}
                """.formatted(mostSteps, names.toJson(), task.toJson()));
    }

    /** The steps of an answer; empty if it is no plan, as when it was cut off. */
    Optional<List<Step>> steps(String answer) {
        try {
            if (!(JsonValue.parse(answer) instanceof JsonObject plan)) {
                return Optional.empty();
            }
            List<Step> steps = new ArrayList<>();
            for (JsonValue element : plan.array("steps").elements()) {
                if (!(element instanceof JsonObject step)
                        || actor(step.text("actor")).isEmpty()) {
                    return Optional.empty();
                }
                steps.add(new Step(step.text("actor"), step.text("task")));
            }
            return Optional.of(steps);
        } catch (JsonException noPlan) {
            return Optional.empty();
        }
    }
}
