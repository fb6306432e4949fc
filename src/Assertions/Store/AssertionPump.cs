using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Store;

/// <summary>What became of a post.</summary>
public abstract record PostResult
{
    private PostResult()
    {
    }

    /// <summary>Every record of it is durable and visible.</summary>
    /// <param name="Outcomes">One per record, in order.</param>
    /// <param name="LastArrival">The newest arrival of the commit it was part of: a reader that sees it sees the post.</param>
    public sealed record Stored(IReadOnlyList<RecordOutcome> Outcomes, ulong LastArrival) : PostResult;

    /// <summary>Too much is waiting for the disk; nothing of it was taken. It may be sent again.</summary>
    public sealed record Full : PostResult;

    /// <summary>The store is shutting down; nothing of it was taken.</summary>
    public sealed record Closed : PostResult;
}

/// <summary>Limits of an <see cref="AssertionPump"/>.</summary>
public sealed record AssertionPumpOptions
{
    /// <summary>Records that wait at most; a post that would exceed it is <see cref="PostResult.Full"/>. Three batches of the largest size per core.</summary>
    public int MaxWaitingRecords { get; init; } = 64 << 10;

    /// <summary>Bytes that wait at most, about; the same.</summary>
    public long MaxWaitingBytes { get; init; } = 64 << 20;

    /// <summary>A commit takes posts until it has so many records: later ones wait for the next, earlier ones do not wait for all.</summary>
    public int CommitRecords { get; init; } = 4096;
}

/// <summary>The thread that owns an <see cref="AssertionStore"/>: what is posted while it waits for the disk shares the next commit.</summary>
/// <remarks>Group commit without a timer: an idle store commits a post at once, a busy one as many as came during the last sync. Any thread posts.</remarks>
public sealed class AssertionPump : IDisposable
{
    private const int RecordOverhead = 200; // what a record takes beside its body, about
    private readonly Lock _gate = new();
    private readonly Queue<Post> _waiting = []; // bounded by records and bytes
    private readonly AutoResetEvent _wanted = new(false);
    private readonly AssertionStore _store;
    private readonly AssertionPumpOptions _options;
    private readonly Action<IOException> _fatal;
    private readonly Thread _thread;
    private long _waitingBytes;
    private int _waitingRecords;
    private long _refused;
    private long _commits;
    private bool _closed;
    private IOException? _failure;

    /// <summary>Starts it. Nobody else may stage or commit.</summary>
    /// <param name="store">Read by others, written by this only. It is not closed by this.</param>
    /// <param name="options">Limits.</param>
    /// <param name="fatal">Told of a failing disk; it must end the process.</param>
    public AssertionPump(AssertionStore store, AssertionPumpOptions options, Action<IOException> fatal)
    {
        (_store, _options, _fatal) = (store, options, fatal);
        _thread = new Thread(Run) { IsBackground = true, Name = "assertions" };
        _thread.Start();
    }

    /// <summary>Told, on the pump's thread, after each commit that changed something: the newest arrival. Set it before the first post.</summary>
    public Action<ulong>? Committed { get; set; }

    /// <summary>Records that wait now.</summary>
    public int WaitingRecords => Volatile.Read(ref _waitingRecords);

    /// <summary>Posts that found the queue full.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Commits so far, each one sync.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Hands records over, checked and not to be changed any more; completes when all of them are durable and visible.</summary>
    /// <exception cref="IOException">The disk failed: whether they are stored is unknown.</exception>
    public Task<PostResult> PostAsync(IReadOnlyList<Record> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var bytes = 0L;
        for (var i = 0; i < records.Count; i++)
        {
            bytes += RecordOverhead + (records[i] is Record.Claim claim ? claim.Body.Length : 0);
        }

        lock (_gate)
        {
            if (_failure is not null)
            {
                return Task.FromException<PostResult>(_failure);
            }

            if (_closed)
            {
                return Task.FromResult<PostResult>(new PostResult.Closed());
            }

            // A post larger than the queue is taken when it is alone: its sender's limit is another one.
            if (_waiting.Count > 0
                && (_waitingRecords + records.Count > _options.MaxWaitingRecords || _waitingBytes + bytes > _options.MaxWaitingBytes))
            {
                Interlocked.Increment(ref _refused);
                return Task.FromResult<PostResult>(new PostResult.Full());
            }

            var post = new Post(records, bytes);
            _waiting.Enqueue(post);
            _waitingRecords += records.Count;
            _waitingBytes += bytes;
            _wanted.Set();
            return post.Done.Task;
        }
    }

    /// <summary>Takes no more posts, commits those that wait, ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
        }

        _wanted.Set();
        _thread.Join();
        _wanted.Dispose();
    }

    private void Run()
    {
        var group = new List<Post>();
        try
        {
            while (Take(group))
            {
                Store(group);
                group.Clear();
            }
        }
        catch (IOException failure)
        {
            Fail(failure, group);
        }
    }

    /// <summary>Waits for posts and takes as many as a commit may have; false when it is closed and none is left.</summary>
    private bool Take(List<Post> group)
    {
        while (true)
        {
            lock (_gate)
            {
                var records = 0;
                while (_waiting.TryPeek(out var next) && (group.Count == 0 || records + next.Records.Count <= _options.CommitRecords))
                {
                    group.Add(_waiting.Dequeue());
                    records += next.Records.Count;
                    _waitingRecords -= next.Records.Count;
                    _waitingBytes -= next.Bytes;
                }

                if (group.Count > 0 || _closed)
                {
                    return group.Count > 0;
                }
            }

            _wanted.WaitOne();
        }
    }

    private void Store(List<Post> group)
    {
        var before = _store.LastArrival;
        foreach (var post in group)
        {
            for (var i = 0; i < post.Records.Count; i++)
            {
                post.Outcomes[i] = _store.Stage(post.Records[i]);
            }
        }

        _store.Commit();
        Interlocked.Increment(ref _commits);
        var last = _store.LastArrival;
        foreach (var post in group)
        {
            post.Done.SetResult(new PostResult.Stored(post.Outcomes, last));
        }

        if (last != before)
        {
            Committed?.Invoke(last);
        }
    }

    private void Fail(IOException failure, List<Post> group)
    {
        lock (_gate)
        {
            _failure = failure;
            group.AddRange(_waiting);
            _waiting.Clear();
        }

        _fatal(failure);
        foreach (var post in group)
        {
            post.Done.TrySetException(failure);
        }
    }

    private sealed class Post(IReadOnlyList<Record> records, long bytes)
    {
        public IReadOnlyList<Record> Records { get; } = records;

        public long Bytes { get; } = bytes;

        public RecordOutcome[] Outcomes { get; } = new RecordOutcome[records.Count];

        /// <summary>Whoever waits goes on elsewhere: the pump's thread is for the disk.</summary>
        public TaskCompletionSource<PostResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
