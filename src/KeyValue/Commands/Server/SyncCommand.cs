using System.Text;
using Trefoil.KeyValue.Persistence;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>SYNC, as redis-cli --cluster backup uses it: all keys of this node as an RDB file, then the connection ends. No replication follows.</summary>
internal static class SyncCommand
{
    public static void Run(CommandContext context)
    {
        var stream = SnapshotStream.Start(context.Store, context.NowMs);
        context.Client.Streaming = stream;
        context.Reply.Raw(Encoding.ASCII.GetBytes($"$EOF:{stream.Mark}\r\n"));
    }

    /// <summary>Waits for the next piece; one that never comes, or the end, ends the connection.</summary>
    public static async ValueTask<Action<RespWriter>> NextAsync(CommandContext context, SnapshotStream stream)
    {
        try
        {
            var chunk = await stream.NextAsync();
            return reply =>
            {
                context.Client.CloseAfterReply = chunk is null;
                reply.Raw(chunk);
            };
        }
        catch (IOException)
        {
            return _ => context.Client.Abort();
        }
    }
}
