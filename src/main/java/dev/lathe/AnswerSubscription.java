package dev.lathe;

import dev.lathe.decode.Token;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;

/** One subscriber of an answer: a thread that reads, and hands over as much as was asked for. */
final class AnswerSubscription implements Flow.Subscription {
    private final Answer answer;
    private final Flow.Subscriber<? super Token> subscriber;
    private long wanted; // guarded by this, as all below
    private boolean cancelled;
    private IllegalArgumentException wrongRequest;
    private Thread thread;

    private AnswerSubscription(Answer answer, Flow.Subscriber<? super Token> subscriber) {
        this.answer = answer;
        this.subscriber = subscriber;
    }

    static void start(Answer answer, Flow.Subscriber<? super Token> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        AnswerSubscription subscription = new AnswerSubscription(answer, subscriber);
        synchronized (subscription) {
            subscription.thread = Thread.ofVirtual().name("lathe-subscriber").start(subscription::run);
        }
    }

    @Override
    public synchronized void request(long count) {
        if (count <= 0) {
            wrongRequest = new IllegalArgumentException(count + " tokens were requested: expected at least 1");
        } else {
            wanted = wanted + count < 0 ? Long.MAX_VALUE : wanted + count;
        }
        notifyAll();
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        if (Thread.currentThread() != thread) {
            thread.interrupt();
        }
    }

    private void run() {
        try {
            subscriber.onSubscribe(this);
            for (int index = 0; ; index++) {
                Optional<Token> token = answer.await(index);
                if (token.isEmpty()) {
                    subscriber.onComplete();
                    return;
                }
                awaitRequest();
                subscriber.onNext(token.get());
            }
        } catch (RuntimeException | Error failure) {
            if (!isCancelled()) {
                subscriber.onError(failure);
            }
        }
    }

    /** Waits until a token is wanted. */
    private synchronized void awaitRequest() {
        while (wanted == 0 && !cancelled && wrongRequest == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                cancelled = true;
            }
        }
        if (cancelled) {
            throw new CancellationException("the subscription was cancelled");
        }
        if (wrongRequest != null) {
            throw wrongRequest;
        }
        wanted--;
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }
}
