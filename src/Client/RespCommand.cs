using System.Text;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>A command and its arguments as bytes.</summary>
public sealed class RespCommand
{
    private readonly ReadOnlyMemory<byte>[] _arguments;

    /// <summary>A command of binary arguments.</summary>
    public RespCommand(params ReadOnlySpan<ReadOnlyMemory<byte>> arguments) => _arguments = arguments.ToArray();

    /// <summary>A command of text arguments, sent as UTF-8.</summary>
    public RespCommand(params ReadOnlySpan<string> arguments)
    {
        _arguments = new ReadOnlyMemory<byte>[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            _arguments[i] = Encoding.UTF8.GetBytes(arguments[i]);
        }
    }

    /// <summary>The command's name first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => _arguments;

    internal void Write(RespWriter writer)
    {
        writer.Array(_arguments.Length);
        foreach (var argument in _arguments)
        {
            writer.Bulk(argument.Span);
        }
    }
}
